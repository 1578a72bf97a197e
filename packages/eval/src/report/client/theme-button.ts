const themes = ['system', 'light', 'dark'] as const;

/** Lets the reader choose light or dark; without a choice the page follows the system. */
export function startThemeButton(): void {
  const button = document.querySelector<HTMLButtonElement>('#theme');
  if (!button) return;
  let place = 0;
  button.hidden = false;
  button.addEventListener('click', () => {
    place = (place + 1) % themes.length;
    const theme = themes[place]!;
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = `theme: ${theme}`;
  });
}
