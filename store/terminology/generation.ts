/** Which release's code made the rows of a terminology resource. Count on with a change of what the rows say: older ones are then made anew in the background. */
export const terminologyGeneration = 1;
