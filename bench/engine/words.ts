/** What the generated charts are made of. Codes are of systems of the bench's own, so that none is of a licensed list. */

export const base = 'https://bench.example';
export const systems = {
  record: `${base}/record-number`, member: `${base}/member-number`, encounter: `${base}/encounter-number`, claim: `${base}/claim-number`, statement: `${base}/statement-number`,
  finding: `${base}/findings`, diagnosis: `${base}/diagnoses`, service: `${base}/services`, medication: `${base}/medications`, vaccine: `${base}/vaccines`, visit: `${base}/visits`, clinician: `${base}/clinicians`, organization: `${base}/organizations`,
} as const;
/** HL7's own code systems. */
export const terminology = 'http://terminology.hl7.org/CodeSystem/';

export const families = 'Amsel Bergmann Castellano Dufour Eriksson Fontaine Garrido Hollander Ivanova Jankowski Kowalczyk Lindqvist Moreau Novak Okafor Petersen Quintero Rasmussen Santoro Takahashi Ueda Vasquez Wagner Ximenes Yamada Zielinski Abernathy Brambilla Coleridge Delacroix Echeverria Fitzgerald Gallagher Hargreaves Ingersoll Jefferson Kirkpatrick Lancaster Montgomery Nightingale Oppenheim Pemberton Quartermain Rutherford Sutherland Thornbury Underhill Vandermeer Whitfield Yarborough'.split(' ');
export const givenNames = 'Ada Bram Clara Dario Elena Felix Greta Hugo Ines Jonas Kaia Leon Mira Nils Olga Pavel Quinn Rosa Sven Tara Ugo Vera Wim Xenia Yann Zoe Alma Boris Cora Dmitri Edith Fabio Gwen Henrik Iris Jamal Katya Luca Maren Nadia'.split(' ');
export const cities = [['Arlen', 'TX', '76101'], ['Brookfield', 'WI', '53005'], ['Cedar Falls', 'IA', '50613'], ['Dunmore', 'PA', '18512'], ['Elkton', 'MD', '21921'], ['Fairview', 'OR', '97024'], ['Grafton', 'MA', '01519'], ['Harlan', 'KY', '40831']] as const;
export const organizations = ['Northside Family Practice', 'Riverside General Hospital', 'Lakeview Medical Center', 'Hillcrest Urgent Care', 'Cardinal Imaging', 'Meadow Pediatrics', 'Summit Orthopedics', 'Harbor Community Hospital'] as const;
export const payers = ['First Plan of Example', 'Second Mutual Health', 'Example State Medicaid', 'Third Coast Health Plan', 'Old Harbor Insurance'] as const;

/** The finding that every visit has: what a search for a patient's findings asks for. */
export const pulse = 'pulse';
/** Code, words, unit, lowest, highest. */
export type Finding = readonly [code: string, words: string, unit: string, low: number, high: number];
export const vitals: readonly Finding[] = [[pulse, 'Heart rate', '/min', 52, 110], ['height', 'Body height', 'cm', 148, 199], ['weight', 'Body weight', 'kg', 45, 128], ['bmi', 'Body mass index', 'kg/m2', 17, 41], ['breaths', 'Respiratory rate', '/min', 11, 22], ['pain', 'Pain severity on a scale from 0 to 10, as told by the patient', '{score}', 0, 10]];
export const laboratory: readonly Finding[] = [['a1c', 'Hemoglobin A1c as a share of hemoglobin in blood', '%', 4, 11], ['glucose', 'Glucose in blood', 'mg/dL', 62, 240], ['urea', 'Urea nitrogen in serum', 'mg/dL', 6, 26], ['creatinine', 'Creatinine in serum', 'mg/dL', 0.4, 3.4], ['sodium', 'Sodium in serum', 'mmol/L', 132, 148], ['potassium', 'Potassium in serum', 'mmol/L', 3.2, 5.8], ['cholesterol', 'Cholesterol in serum', 'mg/dL', 130, 290], ['ldl', 'Cholesterol of low density in serum', 'mg/dL', 50, 200], ['hemoglobin', 'Hemoglobin in blood', 'g/dL', 9, 18], ['platelets', 'Platelets in blood', '10*3/uL', 120, 430]];
/** Code, words, how often among all. */
export const diagnoses = [['sinusitis', 'Acute sinusitis', 20], ['pharyngitis', 'Acute pharyngitis', 17], ['bronchitis', 'Acute bronchitis', 14], ['hypertension', 'Hypertension', 13], ['obesity', 'Obesity', 12], ['prediabetes', 'Prediabetes', 11], ['anemia', 'Anemia', 9], ['diabetes', 'Diabetes mellitus of the second type', 5], ['lipids', 'Hyperlipidemia', 6], ['pregnancy', 'Pregnancy', 4], ['asthma', 'Asthma', 3], ['coronary', 'Coronary heart disease', 2], ['infarction', 'Myocardial infarction', 1], ['fibrillation', 'Atrial fibrillation', 1]] as const;
/** Those of which a thousand patients have a few dozen. */
export const rareDiagnoses = ['infarction', 'fibrillation', 'coronary', 'diabetes'] as const;
/** Code, words, price in dollars. */
export const services = [['reconciliation', 'Medication reconciliation', 480.35], ['assessment', 'Assessment of health and social needs', 431.4], ['screening', 'Screening for depression', 431.4], ['injection', 'Intramuscular injection', 198.51], ['colonoscopy', 'Colonoscopy', 10_820.81], ['sputum', 'Examination of sputum', 12.49], ['chest-film', 'Plain film of the chest', 516.65]] as const;
export const medications = [['lisinopril-10', 'Lisinopril 10 mg, tablet'], ['metformin-500', 'Metformin 500 mg, tablet of extended release'], ['simvastatin-20', 'Simvastatin 20 mg, tablet'], ['amoxicillin-500', 'Amoxicillin 500 mg, tablet'], ['ibuprofen-200', 'Ibuprofen 200 mg, tablet'], ['albuterol', 'Albuterol 90 ug a puff, inhaler']] as const;
export const vaccines = [['influenza', 'Influenza, seasonal'], ['tetanus', 'Tetanus and diphtheria'], ['zoster', 'Zoster'], ['pneumococcal', 'Pneumococcal conjugate'], ['hpv', 'Human papillomavirus']] as const;
export const visits = [['checkup', 'General examination', 'AMB'], ['symptom', 'Visit for a symptom', 'AMB'], ['problem', 'Visit for a problem', 'AMB'], ['emergency', 'Emergency visit', 'EMER'], ['admission', 'Admission to hospital', 'IMP'], ['follow-up', 'Follow-up visit', 'AMB']] as const;
export const adjudications = [['deductible', 'Line: deductible that the beneficiary pays'], ['coinsurance', 'Line: coinsurance that the beneficiary pays'], ['paid', 'Line: amount paid to the provider'], ['submitted', 'Line: amount that the provider submitted'], ['allowed', 'Line: amount that the plan allows']] as const;
