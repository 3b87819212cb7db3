"""What the user sees: anywidget views of a session, each answering its page over its own comm.

Where they run: JupyterLab 4 and Notebook 7 in Chromium, light and dark, in the browser tests. VS Code, Colab and other
front ends get nothing but anywidget's contract (`render({ model, el })`, tested on the modules); they were not run.
While a cell computes, widgets answer where ipykernel 7 and the front end have subshells (JupyterLab from 4.4, Notebook
from 7.4); elsewhere they answer when the cell ends, and say so after some seconds.
"""
