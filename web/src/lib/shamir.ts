/** One of the shares that Shamir's secret sharing makes: the value of the polynomial at `index`, which is never 0. */
export interface Share {
  index: number;
  value: Uint8Array;
}

/** In GF(2^8) modulo x^8 + x^4 + x^3 + x + 1, as src/crypto/shamir.cc has it. */
function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 8; bit += 1) {
    product ^= a & -((b >> bit) & 1);
    a = (a << 1) ^ (0x11b & -((a >> 7) & 1));
  }
  return product & 0xff;
}

/** a^254, which is 1 / a. */
function inverse(a: number): number {
  let power = a;
  let result = 1;
  for (let bit = 1; bit < 8; bit += 1) {
    power = times(power, power);
    result = times(result, power);
  }
  return result;
}

/**
 * The secret: the polynomial through the shares, at 0. Too few of them, or some of different secrets, give another secret and no
 * error: who combines must know it by a MAC of what the secret opens.
 */
export function combine(shares: Share[]): Uint8Array {
  const indices = new Set(shares.map((share) => share.index));
  const length = shares[0]?.value.length ?? 0;
  if (!length || indices.size < shares.length || indices.has(0) || shares.some((share) => share.value.length !== length))
    throw new RangeError('these shares cannot be combined');
  const secret = new Uint8Array(length);
  for (const { index, value } of shares) {
    let weight = 1;
    for (const other of indices) if (other !== index) weight = times(weight, times(other, inverse(other ^ index)));
    value.forEach((byte, at) => (secret[at] = (secret[at] ?? 0) ^ times(byte, weight)));
  }
  return secret;
}
