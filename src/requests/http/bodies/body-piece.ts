/** A part of a body: the bytes of a file, or a template. */
export type BodyPiece =
  | Uint8Array
  | {
      readonly template: string;
      /** How a value in it is written: as it is, or as it stands between the quotes of a name. */
      readonly encoding: "none" | "name";
    };
