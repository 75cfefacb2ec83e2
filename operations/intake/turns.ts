/**
 * Deliveries about one member, one after another. That no two of them are decided on the same records is settled by the
 * database, whichever servers they came to; who loses there must read and decide again. Turns spare the deliveries of
 * one server that work: while one about a member is decided and committed, the next one waits here.
 */

export interface Turns {
  begin(): Turn;
}

/** The turn of one delivery, for the first name that it takes; a second name is not waited for, since two could wait for each other. */
export interface Turn {
  /** Resolves when nobody before has the name any more. */
  take(name: string): Promise<void>;
  /** Lets the next one in. Harmless when nothing was taken. */
  end(): void;
}

export function createTurns(): Turns {
  /** Who came last, by name: the promise that is kept when that turn has ended. */
  const last = new Map<string, Promise<void>>();
  return {
    begin() {
      let leave: (() => void) | undefined;
      return {
        async take(name) {
          if (leave) return;
          const before = last.get(name);
          const ended = new Promise<void>((resolve) => {
            leave = () => {
              if (last.get(name) === ended) last.delete(name);
              resolve();
            };
          });
          last.set(name, ended);
          await before;
        },
        end() {
          leave?.();
          leave = undefined;
        },
      };
    },
  };
}
