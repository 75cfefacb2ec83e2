/** The authorities whose certificates make a signature trusted, from files that the operator names. */
import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from './configuration.ts';

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** @param path a file, or a folder of files; undefined: nobody is trusted. @throws {ConfigurationError} where there is no certificate, or something that is none */
export async function readAnchors(path: string | undefined): Promise<readonly X509Certificate[]> {
  if (path === undefined) return [];
  try {
    const files = (await stat(path)).isDirectory() ? (await readdir(path)).filter((name) => /\.(?:pem|crt)$/i.test(name)).toSorted().map((name) => join(path, name)) : [path];
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    const certificates = texts.flatMap((text) => (text.match(block) ?? []).map((each) => new X509Certificate(each)));
    // Without any everybody would be taken, as where the setting is not made.
    if (certificates.length > 0) return certificates;
  } catch { /* said below: the text of the fault may hold a path or more */ }
  throw new ConfigurationError('PRIORA_SIGNATURE_ANCHORS: certificates (PEM) are expected in the file, or in the .pem and .crt files of the folder');
}
