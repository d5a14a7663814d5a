import { useCallback, useState } from "react";

export interface Form<Values> {
  values: Values;
  set: (change: Partial<Values>) => void;
  dirty: boolean;
  reset: () => void;
}

/** What is being edited. It follows `saved` until something is typed, and from then on keeps what was typed. */
export function useForm<Values extends object>(saved: Values): Form<Values> {
  const [values, setValues] = useState(saved);
  const savedText = JSON.stringify(saved);
  const [seen, setSeen] = useState(savedText);
  if (seen !== savedText) {
    setSeen(savedText);
    if (JSON.stringify(values) === seen) setValues(saved);
  }
  const set = useCallback((change: Partial<Values>) => setValues((now) => ({ ...now, ...change })), []);
  return { values, set, dirty: JSON.stringify(values) !== savedText, reset: () => setValues(saved) };
}
