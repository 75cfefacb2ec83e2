/** FHIR packages of the shared data (`../shared/igs`, tar files under gzip), read in place. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface PackageFile {
  /** As `package/example/Patient-child.json`. */
  readonly path: string;
  readonly text: string;
}

const folder = join(process.cwd(), '..', 'shared', 'igs');

/** The packages that are here, by file name; none where the shared data is absent. */
export function sharedPackages(): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tgz')).toSorted();
}

/** The JSON files of a package. Of the tar format (POSIX ustar) name, prefix and size are read, and long names of GNU and pax. */
export function* packageFiles(name: string): Generator<PackageFile> {
  const tar = gunzipSync(readFileSync(join(folder, name)));
  let longName: string | undefined;
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const field = (start: number, length: number): string => tar.toString('utf8', at + start, at + start + length).replace(/\0.*$/s, '');
    const size = Number.parseInt(field(124, 12), 8);
    const body = tar.subarray(at + 512, at + 512 + size);
    const kind = field(156, 1);
    if (kind === 'L') longName = body.toString('utf8').replace(/\0.*$/s, '');
    else if (kind === 'x') longName = /\d+ path=(.*)\n/.exec(body.toString('utf8'))?.[1] ?? longName;
    else {
      const prefix = field(345, 155);
      const path = longName ?? (prefix === '' ? field(0, 100) : `${prefix}/${field(0, 100)}`);
      longName = undefined;
      if (path.endsWith('.json')) yield { path, text: body.toString('utf8').replace(/^\uFEFF/, '') };
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
