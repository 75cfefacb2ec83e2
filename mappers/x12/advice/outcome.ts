/** What became of a unit of a transaction set after its syntax was found right, as far as its sender is told. */

export interface UnitOutcome {
  /** `rejected` where nothing of it was kept; `review` where a person is to say whose it is: for its sender it is accepted. */
  state: 'accepted' | 'rejected';
  /** Stable codes of what was wrong, such as `invariant-broken`; never a value from the data. */
  codes: readonly string[];
}
