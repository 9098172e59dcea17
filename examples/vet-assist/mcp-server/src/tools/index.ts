// Owns the list of tools: what is not in it does not exist.
import type { ItemRule } from '@permitry/guard'
import type { Clinic } from '../clinic/clinic.ts'
import * as appointments from './appointments.ts'
import * as knowledge from './knowledge.ts'
import * as pets from './pets.ts'
import * as reminders from './reminders.ts'
import * as support from './support.ts'
import type { Tool } from './tool.ts'
import * as vaccinations from './vaccinations.ts'

export const TOOLS: readonly Tool[] = [
  pets.listPets,
  pets.getPetProfile,
  pets.addPet,
  pets.updatePet,
  vaccinations.listVaccinations,
  vaccinations.nextVaccination,
  vaccinations.recordVaccination,
  appointments.findFreeSlots,
  appointments.listAppointments,
  appointments.bookAppointment,
  appointments.moveAppointment,
  appointments.cancelAppointment,
  reminders.listReminders,
  reminders.setReminder,
  reminders.remindOfAppointment,
  reminders.completeReminder,
  knowledge.searchArticles,
  knowledge.getArticle,
  support.clinicInfo,
  support.listMessages,
  support.messageClinic,
]

/** What each tool needs, for the guard's option `tools`. permitry.yaml has an imported copy; a test compares the two. */
export function toolRules(clinic: Clinic): Record<string, ItemRule> {
  return Object.fromEntries(TOOLS.map((tool) => [tool.name, tool.rule(clinic)]))
}
