/** What every bubble of an open thread needs to know. */

import { createContext, useContext } from "react";
import type { Conversation, Limits, Message, Person } from "@/api/types";

export interface ThreadScene {
  conversation: Conversation;
  limits: Limits | undefined;
  /** The viewer. */
  me: string;
  canAct: boolean;
  isAdmin: boolean;
  people: Person[];
  jumpTo: (messageId: string) => void;
  /** To the first message from then on. */
  jumpToDate: (at: string) => void;
  open: (panel: ThreadPanel) => void;
}

/** What a message's menu opens, beside the thread itself. */
export type ThreadPanel =
  | { type: "timeline"; message: Message }
  | { type: "canned"; message: Message }
  | { type: "delete"; message: Message };

export const SceneContext = createContext<ThreadScene | null>(null);

export function useScene(): ThreadScene {
  const scene = useContext(SceneContext);
  if (!scene) throw new Error("useScene() is for what stands in a thread");
  return scene;
}
