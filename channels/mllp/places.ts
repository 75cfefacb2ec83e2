/**
 * Who is worked on: so many messages at a time, in the order they asked. A large one takes the places of several, so that
 * what is in memory while it is read and mapped is bounded by bytes as well.
 */

export interface Places {
  /** Resolves when there is room for a message of so many bytes; with the way to give its places back, once. */
  take(bytes: number): Promise<() => void>;
}

/** A message takes a place for each of these that it begins: a usual one has a thousandth. */
const bytesOfPlace = 1024 * 1024;

export function placesFor(count: number): Places {
  const waiting: { readonly wanted: number; readonly begin: () => void }[] = [];
  let free = count;
  // The first is not passed over: small ones would keep a large one waiting for as long as there are any.
  const next = (): void => {
    for (let first = waiting[0]; first !== undefined && first.wanted <= free; first = waiting[0]) {
      waiting.shift();
      free -= first.wanted;
      first.begin();
    }
  };
  return {
    take(bytes) {
      const wanted = Math.min(count, Math.max(1, Math.ceil(bytes / bytesOfPlace)));
      return new Promise((resolve) => {
        const give = (): void => {
          free += wanted;
          next();
        };
        waiting.push({ wanted, begin: () => { resolve(give); } });
        next();
      });
    },
  };
}
