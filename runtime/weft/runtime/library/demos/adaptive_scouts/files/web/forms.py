def checked(form):
    return form.fields
