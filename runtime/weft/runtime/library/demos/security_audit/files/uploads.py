"""Takes what people upload."""


def upload(form, folder, log):
    data = form.file.read()
    log.info("%d bytes", len(data))
    folder.joinpath(form.file.name).write_bytes(data)
