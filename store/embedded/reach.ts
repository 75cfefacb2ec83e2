/**
 * How PostgreSQL's account gets to the data. Usually by its path. Where Priora runs as root in a private home, the
 * account may not pass through the parents; there the process is put into the folder before it changes its user, and
 * knows the folder as its own working folder: that address asks nothing of the parents, and PostgreSQL, which stays in
 * its data folder for life, takes it for an absolute path. The data stays where it was asked for, and no parent is
 * opened to anybody.
 */
import { EmbeddedPostgresError, hasCode } from './errors.ts';
import { runToEnd, type Account } from './short-process.ts';

/** `within`: only as the working folder. Linux only, where `/proc` is mounted. */
export type Reach = 'path' | 'within';

const workingFolder = '/proc/self/cwd';

/** The name under which a PostgreSQL program whose working folder is `folder` is told of it. */
export function nameFor(folder: string, reach: Reach): string {
  return reach === 'path' ? folder : workingFolder;
}

/**
 * Asks the kernel how the account can reach the folder: the answer covers every parent and access control lists.
 * @throws {EmbeddedPostgresError} `data-folder-unusable` where it cannot
 */
export async function chooseReach(directory: string, account: Account | undefined): Promise<Reach> {
  if (account === undefined || (await mayEnter(directory, account))) return 'path';
  if (process.platform === 'linux' && (await mayEnter(`${workingFolder}/.`, account, directory))) return 'within';
  throw new EmbeddedPostgresError(
    'data-folder-unusable',
    `PostgreSQL may not run as root and user number ${account.uid} cannot reach ${directory}: choose a data folder outside private folders, or do not start as root`,
  );
}

/**
 * @param cwd where the question is asked from
 * @throws {EmbeddedPostgresError} `data-folder-unusable` where this process may not change its user
 */
export async function mayEnter(directory: string, account: Account | undefined, cwd = '/'): Promise<boolean> {
  try {
    return (await runToEnd('test', ['-x', directory], account, cwd)).exitCode === 0;
  } catch (error) {
    // Without `test` the kernel cannot be asked; PostgreSQL itself will tell.
    if (!hasCode(error, 'EPERM')) return true;
    throw new EmbeddedPostgresError(
      'data-folder-unusable',
      `PostgreSQL may not run as root and this process has no right to change to user number ${account?.uid}: start Priora as an ordinary user`,
    );
  }
}
