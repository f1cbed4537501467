/** Figures about help requests. Field names are the server's. */

export interface Volume {
  at: string;
  total: number;
  low: number;
  medium: number;
  high: number;
  urgent: number;
}

export interface Spread {
  count: number;
  /** Seconds; null: it never happened. */
  mean_s: number | null;
  p50_s: number | null;
  p90_s: number | null;
}

export interface Attainment {
  kept: number;
  missed: number;
  /** 0 to 1; null: no limit has ended. */
  share: number | null;
}

export interface Labelled {
  name: string;
  total: number;
}

export interface Workload {
  user_id: string;
  name: string;
  answered: number;
  open: number;
  resolution_mean_s: number | null;
}

export interface StatisticsReply {
  since: string;
  until: string;
  bucket: 'hour' | 'day';
  time_zone: string;
  total: number;
  volume: Volume[];
  by_status: Labelled[];
  by_priority: Labelled[];
  by_origin: Labelled[];
  by_tag: Labelled[];
  first_response: Spread;
  resolution: Spread;
  first_response_by_priority: Record<string, Spread>;
  resolution_by_priority: Record<string, Spread>;
  first_response_sla: Attainment;
  resolution_sla: Attainment;
  supervisors: Workload[];
  learning: {
    answered: number;
    learned: number;
    share_learned: number | null;
    open_drafts: number;
    answered_calls: number;
    calls_from_learned: number;
    share_from_learned: number | null;
  };
}
