// Owns which plan belongs to which intent.
import type { Request } from '../dialogue/request.ts'
import * as appointments from './appointments.ts'
import * as clinic from './clinic.ts'
import * as pets from './pets.ts'
import type { Plan } from './plan.ts'
import * as reminders from './reminders.ts'
import * as talk from './talk.ts'

export const PLANS: Readonly<Record<Request['intent'], Plan>> = {
  list_pets: pets.listPets,
  pet_profile: pets.petProfile,
  vaccination_history: pets.vaccinationHistory,
  next_vaccination: pets.nextVaccination,
  update_pet: pets.updatePet,
  add_pet: pets.addPet,
  record_vaccination: pets.recordVaccination,
  find_slots: appointments.findSlots,
  book: appointments.book,
  move: appointments.move,
  cancel: appointments.cancel,
  list_appointments: appointments.listAppointments,
  set_reminder: reminders.setReminder,
  list_reminders: reminders.listReminders,
  complete_reminder: reminders.completeReminder,
  article: clinic.article,
  emergency: clinic.emergency,
  clinic_info: clinic.clinicInfo,
  message_clinic: clinic.messageClinic,
  list_messages: clinic.listMessages,
  social: talk.social,
  help: talk.help,
  out_of_scope: talk.outOfScope,
  unsure: talk.unsure,
  nothing: talk.nothing,
}
