"""Dates and times as Swedish offices write them, in every language that Safehome speaks.

Django's own `sv` formats also take American dates (03/04/2026), which turns a typing slip into a wrong month.
"""
