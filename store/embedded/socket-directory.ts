/**
 * The private folder of PostgreSQL's socket and of the owner lock. Whoever can enter it is let in without a password,
 * so it belongs to PostgreSQL's account and is closed to everybody else.
 *
 * A socket's path has room for about a hundred bytes. Where the data lies too deep the folder goes under the system's
 * folder for temporary files, named after the data's path, and a file beside the data says where, so that a later
 * start with another TMPDIR finds the same one.
 */
import { createHash } from 'node:crypto';
import { chmod, chown, link, lstat, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgresError, hasCode } from './errors.ts';
import type { Account } from './short-process.ts';

/** `sun_path` holds 108 bytes on Linux and 104 on macOS, with a zero at the end; the smaller one serves both. */
const longestSocketPath = 103;

/** The longest name in the folder: `owner-`, 8 hexadecimal digits, a hyphen and a process number. */
const longestName = '/owner-01234567-4194304'.length;

/**
 * Makes or finds the folder.
 * @param directory the launcher's folder
 * @throws {EmbeddedPostgresError} `socket-folder-not-trusted`
 */
export async function prepareSocketDirectory(directory: string, account: Account | undefined): Promise<string> {
  const beside = join(directory, 'run');
  if (Buffer.byteLength(beside) + longestName <= longestSocketPath) {
    await makePrivate(beside, account);
    return beside;
  }
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  const elsewhere = await recordOnce(join(directory, 'socket-directory'), join(tmpdir(), `priora-${name}`));
  if (Buffer.byteLength(elsewhere) + longestName > longestSocketPath) {
    throw new EmbeddedPostgresError('data-folder-unusable', `A socket in ${elsewhere} would have too long a path: set TMPDIR to a shorter one`);
  }
  await makePrivate(elsewhere, account);
  return elsewhere;
}

/** Writes the value unless another start, earlier or at the same instant, wrote one; gives the one that counts. */
async function recordOnce(record: string, value: string): Promise<string> {
  const draft = `${record}.${process.pid}`;
  await writeFile(draft, `${value}\n`, { mode: 0o644 });
  try {
    // Unlike a write, a link appears whole or not at all.
    await link(draft, record);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return (await readFile(record, 'utf8')).trimEnd();
}

async function makePrivate(folder: string, account: Account | undefined): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
    await chmod(folder, 0o700);
    if (account !== undefined) await chown(folder, account.uid, account.gid);
    return;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const found = await lstat(folder);
  const own = process.getuid?.();
  const expected = account?.uid ?? own;
  if (!found.isDirectory() || (found.uid !== expected && found.uid !== own)) {
    throw new EmbeddedPostgresError('socket-folder-not-trusted', `${folder} belongs to another user (number ${found.uid}): start Priora as that user, or remove it if Priora did not make it`);
  }
  if ((found.mode & 0o077) !== 0) {
    throw new EmbeddedPostgresError('socket-folder-not-trusted', `${folder} is open to other users: remove it, it is meant for Priora's database socket`);
  }
  // Made by a root that was killed before it could hand the folder over.
  if (account !== undefined && found.uid !== account.uid) await chown(folder, account.uid, account.gid);
}
