/** For how long a certification is good where neither the rule nor the person says so. */

const usualDays = 90;

/** Days, YYYY-MM-DD, of the service that an item asks for, as far as it gives them. */
export interface ServicedDays {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/**
 * From the day of the decision; from the first day of the service where all of it is later, or was before: an
 * authorization that ends before its service begins would certify nothing.
 * @param on day of the decision, YYYY-MM-DD
 */
export function validPeriod({ from, to }: ServicedDays, on: string, days = usualDays): { start: string; end: string } {
  const isElsewhere = from !== undefined && (from > on || (to !== undefined && to < on));
  const start = isElsewhere ? from : on;
  return { start, end: new Date(Date.parse(`${start}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10) };
}
