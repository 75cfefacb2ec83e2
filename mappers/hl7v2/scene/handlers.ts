/** Which handler takes which segment. */
import { ft1 } from './charges.ts';
import { txa } from './documents.ts';
import { evn, msa, msh, sft } from './header.ts';
import { in1, in2, in3 } from './insurance.ts';
import { rxa, rxc, rxe, rxo, rxr } from './medication.ts';
import { nte, obr, obx, orc, spm, tq1 } from './orders.ts';
import { gt1, mrg, nk1, pd1, pid, prt, rol } from './patient.ts';
import { aut, prd, rf1 } from './referral.ts';
import { aig, ail, aip, ais, sch } from './scheduling.ts';
import type { Handler } from './scope.ts';
import { acc, al1, dg1, iam, pr1, prb, pv1, pv2 } from './visit.ts';

export const handlers: Readonly<Record<string, Handler | undefined>> = {
  MSH: msh, SFT: sft, MSA: msa, EVN: evn,
  PID: pid, PD1: pd1, NK1: nk1, MRG: mrg, GT1: gt1, ROL: rol, PRT: prt,
  PV1: pv1, PV2: pv2, DG1: dg1, PR1: pr1, AL1: al1, IAM: iam, ACC: acc, PRB: prb,
  ORC: orc, OBR: obr, TQ1: tq1, OBX: obx, NTE: nte, SPM: spm,
  IN1: in1, IN2: in2, IN3: in3, FT1: ft1, RF1: rf1, PRD: prd, AUT: aut,
  RXO: rxo, RXE: rxe, RXR: rxr, RXC: rxc, RXA: rxa, TXA: txa,
  SCH: sch, AIS: ais, AIG: aig, AIL: ail, AIP: aip,
};
