// Owns the small thesaurus: words that a pet owner uses for one and the same thing.

const CONCEPTS: Readonly<Record<string, string>> = {
  vaccine:
    'vaccine vaccines vaccination vaccinations vaccinate vaccinated vax vaxx vac vacs jab jabs jabbed shot shots booster boosters injection injections needle inoculation inoculations immunised immunisation lepto leptospirosis parvo rabies myxi myxomatosis flu leukaemia enteritis',
  appointment:
    'appointment appointments appt appts apointment apointments booking bookings bookin visit visits checkup dental consultation recheck',
  slot: 'slot slots opening openings gap gaps availability available avaliable vacancy free space room',
  medicine:
    'tablet tablets pill pills medicine medicines medication meds med antibiotic antibiotics drops drop insulin dose doses painkiller ointment paste syrup binder steroid powder antiparasitic spot-on doseamount',
  clinic: 'clinic surgery practice vets reception staff team nurse',
  animal:
    'pet pets animal animals dog dogs cat cats rabbit rabbits bunny bunnies puppy pup kitten kittens doggy kitty hound furballs critters',
  remind:
    'remind reminder reminders reminded reminding remider remnd nudge ping alert alerts alarm alarms notify prompt poke',
  message: 'message messages mesage mesages messge msg msgs note notes correspondence inbox email text',
  record: 'record records recorded file files filed profile card entry log document',
  poison: 'poison poisoned toxic chocolate raisins grapes lily lilies antifreeze xylitol bait',
  price: 'price prices cost costs fee fees charge charges £ expensive dear',
  cancel: 'cancel cancelled cancelling cancellation cancelation cancell canel cncl scrap axe unbook',
  move: 'move moved moving reschedule rescheduled resched rearrange postpone postponed shift defer delay rebook',
}

const CONCEPT_OF = new Map(
  Object.entries(CONCEPTS).flatMap(([concept, words]) => words.split(' ').map((word) => [word, concept] as const)),
)

/** The thing that a word stands for, or the word itself. */
export function conceptOf(word: string): string {
  const concept = CONCEPT_OF.get(word)
  return concept === undefined ? word : `=${concept}`
}
