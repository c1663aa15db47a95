# What packages of a flake are: `{ questions, catch }: outputs: [ answer … ]`.
#
# A question is a list of attribute paths, each a list of names; the first that is there is
# taken, as by Nix. Its answer is null if evaluating it throws and `catch` is set, `{ missing }`
# if none of the paths is there, `{ kind }` if it is no package, else what firn wants to know
# of it. Descriptions that throw are left out; whatever decides which paths are installed is not.
{ questions, catch }:
outputs:
let
  plain = builtins.unsafeDiscardStringContext;
  deep = value: builtins.deepSeq value value;
  or_null =
    value:
    let
      tried = builtins.tryEval (deep value);
    in
    if tried.success then tried.value else null;

  find =
    value: path:
    if path == [ ] then
      { inherit value; }
    else if builtins.isAttrs value && builtins.hasAttr (builtins.head path) value then
      find (builtins.getAttr (builtins.head path) value) (builtins.tail path)
    else
      null;
  first =
    index: paths:
    if paths == [ ] then
      null
    else
      let
        found = find outputs (builtins.head paths);
      in
      if found == null then first (index + 1) (builtins.tail paths) else found // { inherit index; };

  word = value: if builtins.isString value then plain value else null;
  first_word =
    value:
    if builtins.isList value then
      (if value == [ ] then null else word (builtins.head value))
    else
      word value;
  licence =
    value:
    if builtins.isAttrs value then
      value.spdxId or value.shortName or value.fullName or null
    else
      word value;
  licences =
    value:
    builtins.filter builtins.isString (
      map licence (if builtins.isList value then value else [ value ])
    );

  about = meta: {
    description = or_null (word (meta.description or null));
    homepage = or_null (first_word (meta.homepage or null));
    licences = or_null (licences (meta.license or [ ]));
    unfree = or_null ((meta.unfree or false) == true);
    insecure = or_null ((meta.insecure or false) == true);
    broken = or_null ((meta.broken or false) == true);
  };

  package =
    value:
    let
      selected = value ? outputSpecified;
      path_of = output: (if output == value.outputName or "out" then value else value.${output}).outPath;
      priority = if selected then null else value.meta.priority or null;
      meta = builtins.tryEval (value.meta or { });
    in
    {
      name = plain (value.name or "");
      drvPath = plain value.drvPath;
      outputs = map (output: {
        name = output;
        path = plain (path_of output);
      }) (value.outputs or [ "out" ]);
      install =
        if !selected then
          map plain (value.meta.outputsToInstall or [ ])
        else if value.outputSpecified then
          [ (plain value.outputName) ]
        else
          [ ];
      priority = if builtins.isInt priority then priority else null;
      about = about (if meta.success && builtins.isAttrs meta.value then meta.value else { });
    };

  made_by =
    text:
    let
      context = builtins.getContext text;
      names = builtins.attrNames context;
      only = context.${builtins.head names};
    in
    if builtins.length names == 1 && (only.outputs or [ ]) != [ ] then
      {
        drvPath = plain (builtins.head names);
        output = builtins.head only.outputs;
      }
    else
      { };

  describe =
    value:
    if builtins.isAttrs value && (value.type or null) == "derivation" then
      package value
    else if builtins.isString value then
      { path = plain value; } // made_by value
    else if builtins.isPath value then
      { path = plain "${value}"; }
    else
      { kind = builtins.typeOf value; };

  answer =
    question:
    let
      found = first 0 question;
    in
    if found == null then
      { missing = true; }
    else
      { inherit (found) index; } // describe found.value;
in
map (question: if catch then or_null (answer question) else deep (answer question)) questions
