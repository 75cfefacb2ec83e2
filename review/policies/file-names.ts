/** What the files in the folder of rule packs are: clock rules by their name, rule packs all others. */

const readable = /\.(yaml|yml|json)$/;

export function isClockFile(name: string): boolean {
  return /\.clock\.(yaml|yml|json)$/.test(name);
}

export function isPackFile(name: string): boolean {
  return readable.test(name) && !isClockFile(name);
}
