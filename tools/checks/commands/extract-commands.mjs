// The commands that a text names: lines of its fenced blocks in `sh`, and code in its sentences that begins as a command does.

/** What a block of commands may need, said after its language: ```` ```sh needs-data ````. */
export const marks = {
  'needs-data': 'files of the reader, or data sets that are downloaded by hand',
  'needs-weights': 'weights that are downloaded or trained first',
  'needs-gpu': 'a GPU or its driver',
  npm: 'that the packages are on npm',
  template: 'that the reader fills something in',
};

const begins = /^(npx|npm|pnpm|refclip-[a-z]+) /;

/**
 * @param {string} text  Markdown.
 * @returns {{ commands: { line: number, command: string, mark: string | undefined, inSentence: boolean }[], problems: string[] }}
 *   commands in their order, with the line on which they begin, without comments; problems of how blocks are marked.
 */
export function extractCommands(text) {
  const commands = [];
  const problems = [];
  let fence;
  let pending = '';
  for (const [index, line] of text.split('\n').entries()) {
    const at = /^\s*```(\S*)\s*(.*?)\s*$/.exec(line);
    if (at) {
      fence = fence ? undefined : { language: at[1], mark: at[2] || undefined };
      if (fence?.language === 'sh' && fence.mark && !(fence.mark in marks)) {
        problems.push(`${index + 1}: unknown mark ${fence.mark}; expected one of ${Object.keys(marks).join(', ')}`);
      }
      continue;
    }
    if (!fence) {
      for (const [, code] of line.matchAll(/`([^`]+)`/g)) {
        if (/^(npx|npm|pnpm) /.test(code)) {
          commands.push({ line: index + 1, command: code, mark: undefined, inSentence: true });
        }
      }
    } else if (fence.language === 'sh') {
      const whole = `${pending}${line.trim()}`;
      pending = whole.endsWith('\\') ? whole.slice(0, -1) : '';
      const command = withoutComment(whole);
      if (pending || !command || /^(for .*do|done|#.*)$/.test(command)) continue;
      commands.push({ line: index + 1, command, mark: fence.mark, inSentence: false });
    } else if (fence.language === '' && begins.test(line.trim())) {
      problems.push(`${index + 1}: a command in a block without a language; begin the block with \`\`\`sh`);
    }
  }
  return { commands, problems };
}

/**
 * @param {string} command  as for a shell.
 * @returns {{ environment: Record<string, string>, words: string[] }} assignments before the program, and words without their quotes.
 */
export function splitWords(command) {
  const words = [...command.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single),
  );
  const environment = {};
  while (/^[A-Z_]+=/.test(words[0] ?? '')) {
    const [name, ...value] = words.shift().split('=');
    environment[name] = value.join('=');
  }
  return { environment, words };
}

/** The commands that a program prints: examples of `--help` and "next:" lines. */
export function commandsInOutput(output) {
  return [...output.matchAll(/^\s*(?:\$ |next: )?(npx .*)$/gm)].map(([, command]) => withoutComment(command.trim()));
}

function withoutComment(line) {
  return line.replace(/\s+#(?=\s).*$/, '').trim();
}
