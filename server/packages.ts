/**
 * FHIR packages that are in the folder PRIORA_PACKAGES are installed at start. What was installed before is passed over by
 * its hash.
 */
import { Problem } from '../fhir/problems.ts';
import { readShippedPackages } from '../profiles/packages/shipped.ts';
import type { Database } from '../store/database.ts';
import { addFolder } from '../store/packages/folder.ts';
import { ConfigurationError, type Configuration } from './configuration.ts';
import type { Clock } from './house.ts';
import type { Logger } from 'pino';

/** @throws {ConfigurationError} where there is no such folder. What is in it and is no package is told in the log. */
export async function installPackages(database: Database, { packages, packageLimits }: Configuration, clock: Clock, log: Logger): Promise<void> {
  if (packages === undefined) return;
  await addFolder(packages, {
    database, shipped: readShippedPackages(), limits: packageLimits, now: clock.now,
    onInstalled: ({ manifest: { name, version }, outcome, definitions, unusable, twice }) => {
      if (outcome !== 'there') log.info({ package: `${name}#${version}`, outcome, definitions, unusable: unusable.length, ...(twice.length > 0 && { twice }) }, 'package installed');
    },
    onMissing: ({ name, version, by }) => log.warn({ package: by, misses: `${name}#${version}` }, 'a package that another one depends on is neither installed nor in the folder'),
    onRefused: (file, problem) => log.warn({ file, problem: problem.code, reason: problem.message }, 'not a package that can be installed'),
  }).catch((error: unknown) => { throw error instanceof Problem && error.code === 'package-not-found' ? new ConfigurationError('PRIORA_PACKAGES: there is no folder of that name that can be read') : error; });
}
