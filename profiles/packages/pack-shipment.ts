/** The shipped tables as the script scripts/distill-profiles.mjs writes them, and its test compares them. */
import { packTables } from '../tables/packed-tables.ts';
import { readPackage } from './package-reader.ts';
import { shipmentOf } from './shipment.ts';
import { partlyShipped, wholeShipped } from './shipped.ts';

export { shippedFolder } from './shipped.ts';

/** @param open the archive of a package by name, as `hl7.fhir.us.core-7.0.0` */
export async function packShipment(open: (name: string) => AsyncIterable<Uint8Array>): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const whole = await Promise.all(wholeShipped.map((name) => readPackage(open(name))));
  const parts = await Promise.all(partlyShipped.map((name) => readPackage(open(name))));
  const shipment = shipmentOf(whole, parts);
  return [...wholeShipped, ...partlyShipped].map((name, place) => ({ name, text: packTables(shipment[place]!) }));
}
