/** The part of the library that is used here; it brings no types of its own. */
declare module '@lhncbc/ucum-lhc' {
  const ucum: {
    readonly UcumLhcUtils: { getInstance(): {
      /** The unit, and the code that was understood; throws for much that is none. */
      readonly uStrParser_: { parseString(unit: string, purpose: 'validate', suggest: false): readonly [unit: unknown, code: string | null, ...rest: unknown[]] };
    } };
    readonly UnitTables: { getInstance(): { getUnitByCode(code: string): unknown } };
  };
  export default ucum;
}
