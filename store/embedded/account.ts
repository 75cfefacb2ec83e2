/**
 * The account PostgreSQL runs under. PostgreSQL refuses to run as root, so a Priora started as root hands it to the
 * owner of an existing cluster or to `nobody`; no user is created. Anybody else simply runs it as themselves.
 */
import { readFile, stat } from 'node:fs/promises';
import { hasCode } from './errors.ts';
import type { Account } from './short-process.ts';

/** What Linux distributions give `nobody` where no account file says otherwise. */
const usualNobody: Account = { uid: 65_534, gid: 65_534 };

/**
 * Chooses the account; none where PostgreSQL runs as the user that started Priora.
 * @param cluster the cluster's folder, existing or not: data made under one account stays with it
 */
export async function chooseAccount(cluster: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  try {
    const { uid, gid } = await stat(cluster);
    if (uid !== 0) return { uid, gid };
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  const accounts = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const fields = accounts.split('\n').find((line) => line.startsWith('nobody:'))?.split(':');
  const nobody = { uid: Number(fields?.[2]), gid: Number(fields?.[3]) };
  return Number.isInteger(nobody.uid) && Number.isInteger(nobody.gid) && nobody.uid !== 0 ? nobody : usualNobody;
}
