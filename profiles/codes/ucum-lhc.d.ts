/** The part of the library that is used here; it brings no types of its own. */
declare module '@lhncbc/ucum-lhc' {
  const ucum: {
    readonly UcumLhcUtils: { getInstance(): { validateUnitString(unit: string): { readonly status: string; readonly ucumCode: string | null } } };
  };
  export default ucum;
}
