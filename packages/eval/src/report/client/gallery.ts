import { filterGallery, type GalleryFilter, type GalleryOrder } from '../filter-gallery.js';
import { type GalleryCase, type Verdict, verdicts } from '../gallery-case.js';
import type { GalleryData } from '../render-gallery.js';
import { drawCase } from './draw-case.js';

const casesPerPage = 24;

function find<E extends Element>(selector: string): E {
  const found = document.querySelector<E>(selector);
  if (!found) throw new Error(`internal: the page has no ${selector}.`);
  return found;
}

/** The gallery: filters, pages, movement by keys, and the enlarged view. */
export function startGallery(): void {
  const source = document.querySelector('#gallery-data');
  if (!source) return;
  const data = JSON.parse(source.textContent ?? '') as GalleryData;
  const form = find<HTMLFormElement>('#filters');
  const list = find<HTMLUListElement>('#cases');
  const dialog = find<HTMLDialogElement>('#enlarged');
  const pageButtons = [find<HTMLButtonElement>('#previous-page'), find<HTMLButtonElement>('#next-page')] as const;
  let filter = readFilter(form);
  let found: readonly GalleryCase[] = [];
  let page = 0;
  let enlarged = 0;

  const pages = () => Math.max(1, Math.ceil(found.length / casesPerPage));

  function showPage(): void {
    const shown = found.slice(page * casesPerPage, (page + 1) * casesPerPage);
    list.replaceChildren(
      ...shown.map((item, i) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.tabIndex = i === 0 ? 0 : -1;
        drawCase(button, item, data, filter.entry, false);
        button.addEventListener('click', () => enlarge(page * casesPerPage + i));
        const entry = document.createElement('li');
        entry.append(button);
        return entry;
      }),
    );
    const first = page * casesPerPage;
    find('#shown').textContent =
      found.length === 0
        ? 'No case fits these filters.'
        : `${found.length} ${found.length === 1 ? 'case' : 'cases'}, ${first + 1} to ${first + shown.length} shown`;
    find('#page').textContent = `page ${page + 1} of ${pages()}`;
    pageButtons[0].disabled = page === 0;
    pageButtons[1].disabled = page + 1 >= pages();
  }

  function update(): void {
    filter = readFilter(form);
    found = filterGallery(data.cases, filter);
    page = 0;
    countChips();
    showPage();
  }

  /** How many cases each chip would leave, the other filters as they are. */
  function countChips(): void {
    for (const verdict of verdicts) {
      const count = filterGallery(data.cases, { ...filter, verdicts: new Set<Verdict>([verdict]) }).length;
      find(`.chip.${verdict} b`).textContent = String(count);
    }
    const disputed = form.querySelector('[name=disagreeing] + span b');
    if (disputed) disputed.textContent = String(filterGallery(data.cases, { ...filter, disagreeing: true }).length);
  }

  function turn(by: -1 | 1): void {
    if (page + by < 0 || page + by >= pages()) return;
    page += by;
    showPage();
  }

  function focusCase(place: number): void {
    const buttons = [...list.querySelectorAll('button')];
    const button = buttons[Math.min(Math.max(place, 0), buttons.length - 1)];
    if (!button) return;
    for (const other of buttons) other.tabIndex = other === button ? 0 : -1;
    button.focus();
  }

  function enlarge(place: number): void {
    const item = found[place];
    if (!item) return;
    enlarged = place;
    const target = find<HTMLElement>('#enlarged-case');
    target.className = '';
    drawCase(target, item, data, filter.entry, true);
    find<HTMLButtonElement>('#previous-case').disabled = place === 0;
    find<HTMLButtonElement>('#next-case').disabled = place === found.length - 1;
    if (!dialog.open) dialog.showModal();
  }

  function moveInList(key: string): boolean {
    const buttons = [...list.querySelectorAll('button')];
    const place = buttons.indexOf(document.activeElement as HTMLButtonElement);
    if (place < 0) return false;
    const top = buttons[0]!.getBoundingClientRect().top;
    const columns = buttons.filter((button) => button.getBoundingClientRect().top === top).length;
    const target = {
      ArrowRight: place + 1,
      ArrowLeft: place - 1,
      ArrowDown: place + columns,
      ArrowUp: place - columns,
      Home: 0,
      End: buttons.length - 1,
    }[key];
    if (target === undefined) return false;
    if (target >= buttons.length && page + 1 < pages()) {
      turn(1);
      focusCase(target - buttons.length);
    } else if (target < 0 && page > 0) {
      turn(-1);
      focusCase(casesPerPage + target);
    } else focusCase(target);
    return true;
  }

  form.addEventListener('input', update);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(update));
  pageButtons[0].addEventListener('click', () => turn(-1));
  pageButtons[1].addEventListener('click', () => turn(1));
  find('#previous-case').addEventListener('click', () => enlarge(enlarged - 1));
  find('#next-case').addEventListener('click', () => enlarge(enlarged + 1));
  find('#close-case').addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => {
    const wanted = Math.floor(enlarged / casesPerPage);
    if (wanted !== page) {
      page = wanted;
      showPage();
    }
    focusCase(enlarged % casesPerPage);
  });
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (dialog.open) {
      if (event.key === 'ArrowLeft') enlarge(enlarged - 1);
      if (event.key === 'ArrowRight') enlarge(enlarged + 1);
      return;
    }
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key === '/' && !typing) {
      event.preventDefault();
      find<HTMLInputElement>('[name=text]').focus();
    } else if (!typing && moveInList(event.key)) event.preventDefault();
  });
  update();
}

function readFilter(form: HTMLFormElement): GalleryFilter {
  const values = new FormData(form);
  const text = (name: string) => String(values.get(name) ?? '');
  return {
    entry: Number(text('entry')),
    text: text('text'),
    verdicts: new Set(values.getAll('verdict') as Verdict[]),
    disagreeing: values.has('disagreeing'),
    split: text('split'),
    category: text('category'),
    order: text('order') as GalleryOrder,
  };
}
