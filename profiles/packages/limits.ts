/** How large a package may be. What passes a limit is refused before it is in memory. */

export interface PackageLimits {
  /** Bytes as they come. */
  readonly compressed: number;
  /** Bytes of all that is in it. */
  readonly unpacked: number;
  /** Bytes of one file that is read. */
  readonly file: number;
  /** Files and folders. */
  readonly entries: number;
}

const mebibyte = 1024 * 1024;

/** The largest packages of the FHIR registry (VSAC, terminology) have about 60 MB compressed, 1.2 GB unpacked and 30,000 files. */
export const defaultLimits: PackageLimits = { compressed: 256 * mebibyte, unpacked: 2048 * mebibyte, file: 64 * mebibyte, entries: 100_000 };
