/** As the server holds it: NIST SP 800-63B asks for length, and for no mixture of signs. */
export const SHORTEST_PASSWORD = 12;
