// What we use of idiomorph, which comes without types.
declare module "idiomorph" {
  export const Idiomorph: {
    morph(place: Element, news: string, options: { morphStyle: "innerHTML" | "outerHTML" }): unknown;
  };
}
