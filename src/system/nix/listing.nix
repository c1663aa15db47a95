# The packages below an attribute of a flake: `{ path, names, inside }: outputs: [ row … ]`.
#
# Of the set at the path these attributes are told, each with its path below the set; without
# names, only the names that there are. Sets of packages in it are looked into if `inside` says so,
# where `recurseForDerivations` says they may be, as `nix search` does; else their names are told.
# Name and meta of a package are evaluated, its derivation is not. What throws is a row that fails;
# what cannot be caught ends the whole evaluation.
{
  path,
  names,
  inside,
}:
outputs:
let
  plain = builtins.unsafeDiscardStringContext;
  deep = value: builtins.deepSeq value value;
  # A set that holds itself has no end.
  deepest = 12;

  # What throws, or is of no use, is left out.
  text =
    value:
    let
      tried = builtins.tryEval (if builtins.isString value then plain value else null);
    in
    if tried.success then tried.value else null;
  first = value: if builtins.isList value && value != [ ] then builtins.head value else value;
  caught =
    value:
    let
      tried = builtins.tryEval (deep value);
    in
    if tried.success then tried.value else null;

  licence =
    value:
    if builtins.isAttrs value then
      value.spdxId or value.shortName or value.fullName or null
    else
      value;
  licences =
    value: builtins.filter builtins.isString (map licence (if builtins.isList value then value else [ value ]));
  mark = value: number: if caught value == true then number else 0;

  fails = path: {
    inherit path;
    fails = true;
  };

  about = meta: {
    description = text (meta.description or null);
    homepage = text (first (meta.homepage or null));
    licence = caught (builtins.concatStringsSep ", " (licences (meta.license or [ ])));
    marks =
      mark (meta.unfree or false) 1
      + mark (meta.insecure or false) 2
      + mark (meta.broken or false) 4
      + mark (meta.unsupported or false) 8;
  };

  package =
    path: value:
    let
      name = text value.name;
      parsed = builtins.parseDrvName name;
      pname = text (value.pname or null);
      version = text (value.version or null);
      meta = builtins.tryEval (value.meta or { });
    in
    if name == null then
      fails path
    else
      {
        inherit path;
        name = if pname == null then parsed.name else pname;
        version = if version == null then parsed.version else version;
        outputs = caught (value.outputs or [ "out" ]);
      }
      // (
        if !meta.success then
          { throws = "meta"; }
        else if builtins.isAttrs meta.value then
          about meta.value
        else
          { }
      );

  kind =
    value:
    if !(builtins.isAttrs value) then
      "other"
    else if (value.type or null) == "derivation" then
      "package"
    else if (value.recurseForDerivations or false) == true then
      "set"
    else
      "other";

  visit =
    depth: path: value:
    let
      tried = builtins.tryEval (kind value);
    in
    if !tried.success then
      [ (fails path) ]
    else if tried.value == "package" then
      [ (package path value) ]
    else if tried.value == "other" || depth > deepest then
      [ ]
    else if inside then
      below depth path value (builtins.attrNames value)
    else
      [
        {
          inherit path;
          names = builtins.attrNames value;
        }
      ];

  below =
    depth: path: set:
    builtins.concatMap (name: visit (depth + 1) (path ++ [ name ]) set.${name});

  set = builtins.foldl' (set: name: set.${name} or { }) outputs path;
in
if names == null then
  [
    {
      path = [ ];
      names = builtins.attrNames set;
    }
  ]
else
  deep (below 0 [ ] set names)
