/**
 * Notes where a wait is asked for. Its error is made by a timer, whose stack says nothing; what is returned gives it the
 * stack of the call, so that a runner shows the line of the test.
 */
export function noteCallSite(): <E extends Error>(error: E) => E {
  const [frames = ""] = /\n {4}at .*/s.exec(new Error().stack ?? "") ?? [];
  return (error) => {
    error.stack = `${error.name}: ${error.message}${frames}`;
    return error;
  };
}
