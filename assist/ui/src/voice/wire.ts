/** What the server sends about calls by voice. Field names are the server's. */

export interface VoiceSettings {
  enabled: boolean;
  /** The customer test page may be used. */
  test_calls: boolean;
  company?: string | null;
  /** Whom the invitation in the address is from. */
  agent_name?: string | null;
}

/** Leave to enter a room. */
export interface Grant {
  room: string;
  url: string;
  token: string;
  identity: string;
  /** Seconds. */
  expires_in: number;
}

export interface BrowserCall extends Grant {
  session_id: string;
  call_id: string;
  /** Where the customer joins: a path on this server. */
  customer_link: string | null;
}
