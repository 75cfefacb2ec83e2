/**
 * Message structures as groups of segments: what follows what, and what belongs to what. A star marks what repeats.
 * Those of HL7's v2-to-FHIR mappings are generated (rules/structures.json); those it lacks are here.
 * Source: HL7 v2.5.1 to 2.8, chapters 3 (ADT), 4 (orders), 6 (DFT), 7 (results), 10 (scheduling), 11 (referral).
 */
import generated from '../rules/structures.json' with { type: 'json' };

export interface GroupShape {
  readonly name: string;
  readonly repeats: boolean;
  readonly items: readonly ItemShape[];
  /** Segments anywhere in it. */
  readonly has: ReadonlySet<string>;
}

export interface SegmentShape {
  readonly segment: string;
  readonly repeats: boolean;
}

export type ItemShape = GroupShape | SegmentShape;

const PATIENT = 'PID PD1 PRT* NTE* NK1* ARV*';
const VISIT = 'PV1 PV2 PRT*';
const INSURANCE = 'INSURANCE*(IN1 IN2 IN3*)';
const OBSERVATION = 'OBSERVATION*(OBX PRT* TCD NTE*)';
const SPECIMEN = 'SPECIMEN*(SPM SPECIMEN_OBSERVATION*(OBX PRT*) CONTAINER*(SAC))';
const PRIOR = `PRIOR_RESULT*(PATIENT_PRIOR(PID PD1 PRT* ARV*) PATIENT_VISIT_PRIOR(${VISIT}) AL1* ORDER_PRIOR*(ORC PRT* OBR NTE* PRT* TIMING_PRIOR*(TQ1 TQ2*) OBSERVATION_PRIOR*(OBX PRT* NTE*)))`;
const PROVIDERS = 'PROVIDER_CONTACT*(PRD CTD*)';
const CLINICAL = 'ACC DG1* DRG* AL1* PROCEDURE*(PR1 AUTHORIZATION_CONTACT*(AUT CTD)) RESULTS*(OBR NTE* OBSERVATION*(OBX NTE*))';

const own: Readonly<Record<string, string>> = {
  ORU_R01: `MSH SFT* UAC PATIENT_RESULT*(PATIENT(${PATIENT} PATIENT_OBSERVATION*(OBX PRT*) VISIT(${VISIT})) ORDER_OBSERVATION*(ORC PRT* ORDER_DOCUMENT(TXA CON*) OBR NTE* ROL* PRT* TIMING_QTY*(TQ1 TQ2*) CTD ${OBSERVATION} FT1* CTI* ${SPECIMEN})) DSC`,
  ORM_O01: `MSH SFT* NTE* PATIENT(${PATIENT} PATIENT_VISIT(${VISIT}) ${INSURANCE} GT1* AL1*) ORDER*(ORC PRT* TIMING*(TQ1 TQ2*) OBR RQD RQ1 RXO ODS ODT NTE* CTD DG1* COMPONENT*(RXR RXC NTE*) ${OBSERVATION} FT1* CTI* ${SPECIMEN} BLG)`,
  OMG_O19: `MSH SFT* UAC NTE* PATIENT(${PATIENT} PATIENT_VISIT(${VISIT}) ${INSURANCE} GT1* AL1*) ORDER*(ORC PRT* TIMING*(TQ1 TQ2*) OBR NTE* PRT* CTD DG1* ${OBSERVATION} ${SPECIMEN} ${PRIOR} FT1* CTI* BLG)`,
  ADT_A39: 'MSH SFT* UAC EVN PATIENT*(PID PD1 ARV* MRG PV1)',
  ADT_A30: 'MSH SFT* UAC EVN PID PD1 ARV* MRG',
  ADT_A43: 'MSH SFT* UAC EVN PATIENT*(PID PD1 ARV* MRG)',
  ADT_A45: 'MSH SFT* UAC EVN PID PD1 MERGE_INFO*(MRG PV1)',
  ADT_A50: 'MSH SFT* UAC EVN PID PD1 MRG PV1',
  ADT_A60: 'MSH SFT* UAC EVN PID PV1 PV2 IAM*',
  REF_I12: `MSH SFT* UAC RF1 AUTHORIZATION_CONTACT2(AUT CTD) ${PROVIDERS} PID NK1* GT1* ${INSURANCE} ${CLINICAL} PATIENT_VISIT(PV1 PV2) NTE*`,
  RQA_I08: `MSH SFT* RF1 AUTHORIZATION_CONTACT2(AUT CTD) ${PROVIDERS} PID NK1* GUARANTOR_INSURANCE(GT1* ${INSURANCE}) ${CLINICAL} PATIENT_VISIT(PV1 PV2) NTE*`,
  RPA_I08: `MSH SFT* MSA ERR* RF1 AUTHORIZATION_CONTACT2(AUT CTD) ${PROVIDERS} PID NK1* GT1* ${INSURANCE} ${CLINICAL} PATIENT_VISIT(PV1 PV2) NTE*`,
  DFT_P03: `MSH SFT* EVN PID PD1 ROL* PV1 PV2 ROL* DB1* COMMON_ORDER*(ORC TIMING*(TQ1 TQ2*) ORDER_DETAIL(OBR NTE*) OBSERVATION*(OBX NTE*)) FINANCIAL*(FT1 NTE* FINANCIAL_PROCEDURE*(PR1 ROL*) FINANCIAL_COMMON_ORDER*(ORC OBR NTE*)) DG1* DRG GT1* INSURANCE*(IN1 IN2 IN3* ROL*) ACC`,
  BAR_P12: 'MSH SFT* EVN PID PV1 DG1* DRG PROCEDURE*(PR1 ROL*)',
  RDE_O11: `MSH SFT* UAC NTE* PATIENT(${PATIENT} PATIENT_VISIT(${VISIT}) ${INSURANCE} GT1 AL1*) ORDER*(ORC PRT* TIMING*(TQ1 TQ2*) ORDER_DETAIL(RXO NTE* PRT* RXR* COMPONENT*(RXC NTE*)) RXE PRT* NTE* TIMING_ENCODED*(TQ1 TQ2*) RXR* RXC* CDO* OBSERVATION*(OBX PRT* NTE*) FT1* BLG CTI*)`,
  RDS_O13: `MSH SFT* UAC NTE* PATIENT(${PATIENT} AL1* PATIENT_VISIT(${VISIT})) ORDER*(ORC PRT* TIMING*(TQ1 TQ2*) ORDER_DETAIL(RXO NTE* RXR* COMPONENT*(RXC NTE*)) ENCODING(RXE NTE* TIMING_ENCODED*(TQ1 TQ2*) RXR* RXC*) RXD NTE* RXR* RXC* OBSERVATION*(OBX NTE*) FT1*)`,
  OUL_R22: `MSH SFT* NTE* PATIENT(PID PD1 NTE*) VISIT(PV1 PV2) SPECIMEN*(SPM OBX* CONTAINER*(SAC INV) ORDER*(OBR ORC NTE* TIMING_QTY*(TQ1 TQ2*) RESULT*(OBX TCD SID* NTE*) CTI*)) DSC`,
  OUL_R24: `MSH SFT* NTE* PATIENT(PID PD1 NTE*) VISIT(PV1 PV2) ORDER*(OBR ORC NTE* TIMING_QTY*(TQ1 TQ2*) SPECIMEN*(SPM OBX* CONTAINER*(SAC INV)) RESULT*(OBX TCD SID* NTE*) CTI*) DSC`,
  PPR_PC1: `MSH SFT* PID PV1 PV2 PROBLEM*(PRB NTE* VAR* PROBLEM_ROLE*(ROL VAR*) PATHWAY*(PTH VAR*) OBSERVATION*(OBX NTE*) GOAL*(GOL NTE* VAR* OBSERVATION*(OBX NTE*)) ORDER*(ORC OBR NTE* OBSERVATION*(OBX NTE* VAR*)))`,
};

/** Events that share the structure of another (table 0354). */
const shared: Readonly<Record<string, string>> = {
  ADT_A03: 'ADT_A01', ADT_A04: 'ADT_A01', ADT_A08: 'ADT_A01', ADT_A13: 'ADT_A01', ADT_A07: 'ADT_A06', ADT_A10: 'ADT_A09', ADT_A12: 'ADT_A09', ADT_A14: 'ADT_A05', ADT_A28: 'ADT_A05', ADT_A31: 'ADT_A05',
  ADT_A21: 'ADT_A02', ADT_A22: 'ADT_A02', ADT_A23: 'ADT_A02', ADT_A25: 'ADT_A02', ADT_A26: 'ADT_A02', ADT_A27: 'ADT_A02', ADT_A29: 'ADT_A02', ADT_A32: 'ADT_A02', ADT_A33: 'ADT_A02', ADT_A15: 'ADT_A02', ADT_A16: 'ADT_A01',
  ADT_A34: 'ADT_A30', ADT_A35: 'ADT_A30', ADT_A36: 'ADT_A30', ADT_A46: 'ADT_A30', ADT_A47: 'ADT_A30', ADT_A48: 'ADT_A30', ADT_A49: 'ADT_A30', ADT_A40: 'ADT_A39', ADT_A41: 'ADT_A39', ADT_A42: 'ADT_A39', ADT_A44: 'ADT_A43', ADT_A51: 'ADT_A50',
  OMG_O20: 'OMG_O19', REF_I13: 'REF_I12', REF_I14: 'REF_I12', REF_I15: 'REF_I12', RRI_I12: 'RPA_I08', RQA_I09: 'RQA_I08', RQA_I10: 'RQA_I08', RQA_I11: 'RQA_I08', RPA_I09: 'RPA_I08', RPA_I10: 'RPA_I08', RPA_I11: 'RPA_I08',
  MDM_T01: 'MDM_T02', MDM_T04: 'MDM_T02', MDM_T06: 'MDM_T02', MDM_T08: 'MDM_T02', MDM_T10: 'MDM_T02', MDM_T05: 'MDM_T02', MDM_T09: 'MDM_T02', MDM_T11: 'MDM_T02', MDM_T03: 'MDM_T02', MDM_T07: 'MDM_T02',
  DFT_P11: 'DFT_P03', ORU_R03: 'ORU_R01', ORU_R40: 'ORU_R01', ORU_W01: 'ORU_R01', OML_O33: 'OML_O21', OML_O35: 'OML_O21', OUL_R21: 'OUL_R24', OUL_R23: 'OUL_R22', OMP_O09: 'RDE_O11', RDE_O25: 'RDE_O11', PPR_PC2: 'PPR_PC1', PPR_PC3: 'PPR_PC1', RAS_O17: 'RDS_O13', OMS_O05: 'ORM_O01',
};

/** The structure of a message by its code, event and what MSH-9.3 says of it; of several that of the event. */
export function structureOf(code: string | undefined, event: string | undefined, declared: string | undefined): GroupShape | undefined {
  for (const name of [`${code}_${event}`, declared, code?.startsWith('SIU') ? 'SIU_S12' : undefined]) {
    const shape = name === undefined ? undefined : shapes.get(name) ?? shapes.get(shared[name] ?? '');
    if (shape !== undefined) return shape;
  }
  return undefined;
}

/** Whether there is a structure for any event of a type of message: what is unknown is then the event (201), not the type (200). */
export function isTypeKnown(code: string | undefined): boolean {
  return code !== undefined && [...shapes.keys(), ...Object.keys(shared)].some((name) => name.startsWith(`${code}_`));
}

/** @throws {SyntaxError} where a text is no structure; none that ships is */
export function readStructure(name: string, text: string): GroupShape {
  const tokens = text.match(/[A-Z0-9_]+\*?\(|[A-Z][A-Z0-9]{2}\*?|\)/g) ?? [];
  let at = 0;
  const items = (): ItemShape[] => {
    const found: ItemShape[] = [];
    for (; at < tokens.length && tokens[at] !== ')'; at += 1) {
      const token = tokens[at]!;
      if (!token.endsWith('(')) {
        found.push({ segment: token.slice(0, 3), repeats: token.endsWith('*') });
        continue;
      }
      at += 1;
      found.push(group(token.replace(/\*?\($/, ''), token.endsWith('*('), items()));
      if (tokens[at] !== ')') throw new SyntaxError(`${name}: a group that does not end`);
    }
    return found;
  };
  const shape = group(name, false, items());
  if (at < tokens.length) throw new SyntaxError(`${name}: ends before its text`);
  return shape;
}

function group(name: string, repeats: boolean, items: readonly ItemShape[]): GroupShape {
  const has = new Set<string>();
  for (const item of items) for (const each of 'segment' in item ? [item.segment] : item.has) has.add(each);
  return { name, repeats, items, has };
}

const shapes: ReadonlyMap<string, GroupShape> = new Map(Object.entries({ ...generated, ...own }).filter(([name]) => name !== '$note').map(([name, text]) => [name, readStructure(name, text)]));
