/** The command line: `priora start | demo | x12 FILE | inbox … | terminology … | package …`. */
import { demo } from './demo.ts';
import { inbox } from './inbox.ts';
import { packageCommand } from './package.ts';
import { start } from './start.ts';
import { terminology } from './terminology.ts';
import { x12 } from './x12.ts';

const help = `priora: an open FHIR R4 server for prior authorization

  priora start [--demo]   start the server (--demo loads a demo payer; npm start does)
  priora demo             send requests to the demo server and show the answers
  priora x12 FILE         give an X12 interchange to the server and print the answer
                          (- takes it from standard input)
  priora inbox            messages that came in: list, show, replay, post

  priora terminology      install SNOMED CT, LOINC, ICD-10 and other code systems from their
                          release files: import, list, remove
  priora package          install FHIR packages (implementation guides) from files, addresses or
                          a registry: add, list, remove

Settings are environment variables: see docs/reference/configuration.md.
`;

export async function run(words: readonly string[]): Promise<void> {
  const [command, ...rest] = words;
  switch (command) {
    case 'start': process.exitCode = await start(rest); break;
    case 'demo': process.exitCode = await demo(); break;
    case 'x12': process.exitCode = await x12(rest); break;
    case 'inbox': process.exitCode = await inbox(rest); break;
    case 'terminology': process.exitCode = await terminology(rest); break;
    case 'package': process.exitCode = await packageCommand(rest); break;
    case undefined: case 'help': case '--help': case '-h': process.stdout.write(help); break;
    default:
      process.stderr.write(`priora: there is no command of that name\n\n${help}`);
      process.exitCode = 2;
  }
}
