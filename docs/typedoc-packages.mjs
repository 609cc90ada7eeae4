/**
 * TypeDoc asks that a type that is mentioned is exported, but only of the one package that it takes the project for.
 * Here it asks that of each; `intentionallyNotExported` names the package too.
 */
export function load(app) {
  const validate = app.validate.bind(app);
  app.validate = (project) => {
    const hidden = app.options.getValue("intentionallyNotExported");
    for (const { name } of project.children) {
      project.packageName = name;
      app.options.setValue(
        "intentionallyNotExported",
        hidden.filter((type) => type.startsWith(`${name}/`)),
      );
      validate(project);
    }
  };
}
