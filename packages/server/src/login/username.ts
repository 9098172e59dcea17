/** Folds a user name for comparison: people remember neither the letter case nor the Unicode form that they registered with. */
export function usernameKey(username: string): string {
  return username.normalize('NFKC').trim().toLowerCase()
}
