/** One page of ListObjectsV2 (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html). */
import { SaxesParser } from 'saxes';
import { Problem } from '../../fhir/problems.ts';

export interface ListingPage {
  readonly objects: readonly { readonly key: string; readonly size: number; readonly lastModified: Date }[];
  /** Where the next page begins; undefined at the end. */
  readonly next: string | undefined;
}

/** @throws {Problem} `store-unavailable` for what is no such page */
export function readListing(text: string): ListingPage {
  const objects: { key: string; size: number; lastModified: Date }[] = [];
  let next: string | undefined;
  let truncated = false;
  let found: Record<string, string> = {};
  const path: string[] = [];
  let written = '';
  const parser = new SaxesParser();
  parser.on('opentag', ({ name }) => {
    path.push(name);
    written = '';
    if (path.length === 2 && name === 'Contents') found = {};
  });
  parser.on('text', (part) => { written += part; });
  parser.on('closetag', ({ name }) => {
    path.pop();
    if (path.length === 2 && path[1] === 'Contents') found[name] = written;
    else if (path.length === 1 && name === 'Contents') objects.push({ key: found['Key'] ?? '', size: Number(found['Size']), lastModified: new Date(found['LastModified'] ?? Number.NaN) });
    else if (path.length === 1 && name === 'NextContinuationToken') next = written;
    else if (path.length === 1 && name === 'IsTruncated') truncated = written === 'true';
    else if (path.length === 0 && name !== 'ListBucketResult') throw new Error('not a listing');
    written = '';
  });
  try {
    parser.write(text).close();
  } catch (error) {
    throw new Problem('store-unavailable', {}, undefined, { cause: error });
  }
  return { objects, next: truncated ? next : undefined };
}
