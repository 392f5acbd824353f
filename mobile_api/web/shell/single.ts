/** One device, one window: two over one storage would give two entries one number. The newest may take over; the older lets go first. */

const NAME = "outrider";

/**
 * Resolves when this window alone has the storage of `app`. `waits` is called, with the way to take over, when another window has it;
 * `lost` when another window takes it, and the lock is given on when that is done.
 */
export async function alone(app: string, waits: (takeOver: () => void) => void, lost: () => Promise<void>): Promise<void> {
  const calls = new BroadcastChannel(`${NAME} ${app}`);
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => (give = resolve));
  await new Promise<void>((ready) => {
    const hold = (): Promise<void> => {
      ready();
      return given;
    };
    void navigator.locks.request(`${NAME} ${app}`, { ifAvailable: true }, (lock) => {
      if (lock !== null) return hold();
      waits(() => calls.postMessage("give"));
      void navigator.locks.request(`${NAME} ${app}`, hold);
      return undefined;
    });
  });
  calls.onmessage = () => {
    calls.close();
    void lost().finally(give);
  };
}
