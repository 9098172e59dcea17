/** The clinic's emergency number. It stands on every page: whoever needs it must not have to give a permission first. */
export const EMERGENCY_PHONE = '+44 1632 960 149'
