import { useCallback } from "react";
import { useToast } from "@/components/ui/toast";
import { queryClient } from "@/lib/query";

export interface ListChange<Item> {
  /** What the list is at once; left out where only the server knows. */
  now?: (items: Item[]) => Item[];
  request: () => Promise<unknown>;
  /** Said when it is done. */
  told?: string;
}

/** Changes a cached list before the server has; puts it back, and says why, when the server refuses. */
export function useListChange<Item>(queryKey: readonly unknown[]): (change: ListChange<Item>) => Promise<void> {
  const toast = useToast();
  return useCallback(
    async ({ now, request, told }) => {
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData<Item[]>(queryKey);
      if (now && before) queryClient.setQueryData(queryKey, now(before));
      try {
        await request();
        if (told) toast.success(told);
      } catch (error) {
        if (now && before) queryClient.setQueryData(queryKey, before);
        toast.error(error);
        throw error;
      } finally {
        void queryClient.invalidateQueries({ queryKey });
      }
    },
    [queryKey, toast],
  );
}
