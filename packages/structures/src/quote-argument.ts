/** An argument of a command as a POSIX shell takes it: quoted where that is needed. For messages that tell the next command. */
export function quoteArgument(text: string): string {
  return /^[\w./+=:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
