"""Django settings, URLs and the WSGI entry; nothing else."""
