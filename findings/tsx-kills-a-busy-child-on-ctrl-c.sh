#!/usr/bin/env bash
# tsx 4.23.15 (npm), Node.js 20.
#
# A program that saves its work on Ctrl-C, and whose thread is busy for a second at a time, as training steps are, is started by the `tsx` command. Ctrl-C in a
# terminal sends SIGINT to the whole foreground process group: to tsx and to the program.
#
# Expected: the program's own SIGINT handler runs when the busy second is over, saves, and chooses the exit code (7 here), as under plain node.
# Seen: the tsx command kills its child by SIGKILL when it has not answered within a moment: the handler never runs, nothing is saved, exit code 130. With
# `node --import tsx`, where no process stands between, the handler runs.
#
# Prints what was seen and fails when that changes.
set -uo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund tsx@4.23.15 >/dev/null || exit 2

cat >work.ts <<'TS'
import { writeFileSync } from 'node:fs';

const name: string = process.argv[2] ?? '';
process.on('SIGINT', () => {
  writeFileSync(`${name}.saved`, 'saved');
  process.exit(7);
});
writeFileSync(`${name}.ready`, '');
for (;;) {
  const end = Date.now() + 1000;
  while (Date.now() < end); // one step
  await new Promise((resolve) => setTimeout(resolve, 20));
}
TS
mv work.ts work.mts

# Starts a command as a process group of its own, as a terminal does, and interrupts the group in the middle of a step.
interrupted() {
  local name=$1
  shift
  node -e '
    const { spawn } = require("node:child_process");
    const { existsSync } = require("node:fs");
    const [name, ...command] = process.argv.slice(1);
    const child = spawn(command[0], command.slice(1), { detached: true, stdio: "inherit" });
    const timer = setInterval(() => {
      if (!existsSync(`${name}.ready`)) return;
      clearInterval(timer);
      setTimeout(() => process.kill(-child.pid, "SIGINT"), 1300);
    }, 20);
    child.on("exit", (code, signal) => setTimeout(() => console.log(`${name}: exit code ${code ?? signal}, ${existsSync(`${name}.saved`) ? "saved" : "nothing saved"}`), 1500));
  ' "$name" "$@"
}
seen=$(
  interrupted tsx node_modules/.bin/tsx work.mts tsx
  interrupted node node --import tsx work.mts node
)
echo "$seen"
expected='tsx: exit code 130, nothing saved
node: exit code 7, saved'
[ "$seen" = "$expected" ] || { echo "changed; it was:"; echo "$expected"; exit 1; }
