/**
 * Times of HL7 v3 as those of FHIR, no more precise than they can be said: FHIR has no hour without minutes and no
 * time of day without an offset, so that such a time becomes its day. An offset is never made up.
 * Source: HL7 v3 Data Types, TS (literal form); https://hl7.org/fhir/R4/datatypes.html#dateTime
 */

const form = /^(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d{1,9})\d*)?)?)?)?)?)?([+-]\d{4}|Z)?$/;

export interface ReadTime {
  /** As FHIR writes a dateTime. */
  readonly dateTime: string;
  /** The same where it is an instant: to the second, with its offset. */
  readonly instant: string | undefined;
  /** A time of day was sent that could not be said, for there was no offset. */
  readonly lacksOffset: boolean;
}

/**
 * @param offset what times have that are sent without one, where the sender is known to mean it: `-05:00`
 * @returns undefined where the text is no time
 */
export function readTime(text: string, offset?: string): ReadTime | undefined {
  const parts = form.exec(text.trim());
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = parts;
  if (!isPossible(Number(year), month, day, hour, minute, second)) return undefined;
  const date = [year, month, day].filter((part) => part !== undefined).join('-');
  if (hour === undefined || minute === undefined) return { dateTime: date, instant: undefined, lacksOffset: false };
  const at = zone === undefined ? offset : zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  if (at === undefined || !/^(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)$/.test(at)) return { dateTime: date, instant: undefined, lacksOffset: true };
  const dateTime = `${date}T${hour}:${minute}:${second ?? '00'}${fraction === undefined ? '' : `.${fraction}`}${at}`;
  return { dateTime, instant: dateTime, lacksOffset: false };
}

function isPossible(year: number, month: string | undefined, day: string | undefined, hour: string | undefined, minute: string | undefined, second: string | undefined): boolean {
  if (year === 0) return false;
  if (month !== undefined && (Number(month) < 1 || Number(month) > 12)) return false;
  if (day !== undefined && (Number(day) < 1 || Number(day) > new Date(Date.UTC(2000 + (year % 400), Number(month), 0)).getUTCDate())) return false;
  return Number(hour ?? 0) < 24 && Number(minute ?? 0) < 60 && Number(second ?? 0) < 60;
}
