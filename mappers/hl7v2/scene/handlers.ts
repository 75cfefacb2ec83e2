/** Which handler takes which segment. */
import { evn, msa, msh, sft } from './header.ts';
import { nte, obr, obx, orc, spm, tq1 } from './orders.ts';
import { gt1, mrg, nk1, pd1, pid, prt, rol } from './patient.ts';
import type { Handler } from './scope.ts';
import { acc, al1, dg1, iam, pr1, prb, pv1, pv2 } from './visit.ts';

export const handlers: Readonly<Record<string, Handler | undefined>> = {
  MSH: msh, SFT: sft, MSA: msa, EVN: evn,
  PID: pid, PD1: pd1, NK1: nk1, MRG: mrg, GT1: gt1, ROL: rol, PRT: prt,
  PV1: pv1, PV2: pv2, DG1: dg1, PR1: pr1, AL1: al1, IAM: iam, ACC: acc, PRB: prb,
  ORC: orc, OBR: obr, TQ1: tq1, OBX: obx, NTE: nte, SPM: spm,
};
