/** How far something is: a bar that is drawn anew on a terminal, a line for each tenth elsewhere. */

const width = 30;

export interface ProgressBar {
  /** @param share from 0 to 1 */
  show(what: string, share: number): void;
  /** Leaves the bar where it is: what is written next begins a new line. */
  end(): void;
}

export function progressBar(stream: NodeJS.WriteStream): ProgressBar {
  return stream.isTTY ? drawn(stream) : told(stream);
}

function drawn(stream: NodeJS.WriteStream): ProgressBar {
  let last = '';
  return {
    show(what, share) {
      const full = Math.round(share * width);
      const line = `${'█'.repeat(full)}${'░'.repeat(width - full)} ${String(Math.floor(share * 100)).padStart(3)} %  ${what}`.slice(0, Math.max(20, stream.columns - 1));
      if (line === last) return;
      last = line;
      stream.write(`\r\u001B[2K${line}`);
    },
    end() {
      if (last !== '') stream.write('\n');
      last = '';
    },
  };
}

function told(stream: NodeJS.WriteStream): ProgressBar {
  let last = '';
  return {
    show(what, share) {
      const line = `${what}: ${Math.floor(share * 10) * 10} %\n`;
      if (line === last) return;
      last = line;
      stream.write(line);
    },
    end() {},
  };
}
