import { useState, type ReactNode } from "react";
import { AlertDialog } from "@/components/ui/alert-dialog";

export interface Question {
  title: string;
  text: ReactNode;
  action: string;
  run: () => Promise<unknown>;
}

/** One question at a time: `ask(question)`, and where `dialog` is drawn. It closes when the action has ended. */
export function useConfirm(): { ask: (question: Question) => void; dialog: ReactNode } {
  const [question, setQuestion] = useState<Question | null>(null);
  const [open, setOpen] = useState(false);
  const [pending, setPending] = useState(false);
  const run = async (asked: Question) => {
    setPending(true);
    // The action tells of its own failure.
    await asked.run().catch(() => undefined);
    setPending(false);
    setOpen(false);
  };
  const dialog = question && (
    <AlertDialog
      open={open}
      onOpenChange={setOpen}
      title={question.title}
      description={question.text}
      action={question.action}
      danger
      pending={pending}
      onAction={() => void run(question)}
    />
  );
  return {
    ask: (next) => {
      setQuestion(next);
      setOpen(true);
    },
    dialog,
  };
}
