from django.apps import AppConfig


class ProcessesConfig(AppConfig):
    name = "tongban.kernel.processes"
    label = "processes"
    verbose_name = "BPMN definitions, token engine, tasks"
