//! What a key can ask for: imperatives, each with the words of help and palette.
